<#import "template.ftl" as layout>
<#-- A long name that may go on in the next line after each of its parts. -->
<#macro broken name separator><#list name?split(separator) as part>${part}<#sep>${separator}<wbr></#sep></#list></#macro>
<@layout.registrationLayout displayMessage=false; section>
  <#if section = "header">
    ${msg("enterpriseConnectInvitationTitle", organization)}
  <#elseif section = "form">
    <link rel="stylesheet" href="${url.resourcesPath}/css/enterprise-connect-pages.css">
    <div id="enterprise-connect-invitation" class="pf-v5-c-content">
      <#if organization == application>
        <p>${msg("enterpriseConnectInvitationIntroductionOfRealm", application)}</p>
      <#else>
        <p>${msg("enterpriseConnectInvitationIntroduction", application, organization)}</p>
      </#if>
      <#if relink>
        <p>${msg("enterpriseConnectInvitationRelink")}</p>
      </#if>
      <h2>${msg("enterpriseConnectInvitationAccess")}</h2>
      <dl>
        <dt>${msg("enterpriseConnectInvitationScope")}</dt>
        <#list scopes as scope><dd><code><@broken scope "/"/></code></dd></#list>
        <dt>${msg("enterpriseConnectInvitationDelegatedScope")}</dt>
        <#list delegatedScopes as scope><dd><code><@broken scope "/"/></code></dd></#list>
        <#if domains?has_content>
          <dt>${msg("enterpriseConnectInvitationDomains")}</dt>
          <#list domains as domain><dd><@broken domain "."/></dd></#list>
        </#if>
      </dl>
      <h2>${msg("enterpriseConnectInvitationLimit")}</h2>
      <p>${msg("enterpriseConnectInvitationLimitText")}</p>
      <#list ["Google", "Microsoft", "Exchange"] as provider>
        <details class="pf-v5-u-mb-sm">
          <summary>${msg("enterpriseConnectInvitation" + provider)}</summary>
          <ol class="pf-v5-u-mt-sm">
            <#list 1..3 as step><li>${msg("enterpriseConnectInvitation" + provider + step)}</li></#list>
          </ol>
        </details>
      </#list>
      <p class="pf-v5-u-mt-lg">${msg("enterpriseConnectInvitationExpires", expires)}</p>
    </div>
    <form method="post" class="${properties.kcFormClass!} pf-v5-u-mt-lg">
      <div id="kc-form-buttons" class="${properties.kcFormGroupClass!}">
        <input class="${properties.kcButtonClass!} ${properties.kcButtonPrimaryClass!} ${properties.kcButtonBlockClass!} ${properties.kcButtonLargeClass!}" type="submit" id="enterprise-connect-continue" value="${msg("enterpriseConnectInvitationContinue")}">
      </div>
    </form>
  </#if>
</@layout.registrationLayout>
