<#import "template.ftl" as layout>
<#import "enterprise-connect-guidance.ftl" as guidance>
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
      <#if replaced??>
        <p id="enterprise-connect-replace">${msg("enterpriseConnectInvitationReplace", replaced)}</p>
        <p>${msg("enterpriseConnectInvitationReplaceMicrosoft")}</p>
      <#elseif relink>
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
      <@guidance.limits/>
      <p class="pf-v5-u-mt-lg">${msg("enterpriseConnectInvitationExpires", expires)}</p>
    </div>
    <form method="post" class="${properties.kcFormClass!} pf-v5-u-mt-lg">
      <div id="kc-form-buttons" class="${properties.kcFormGroupClass!}">
        <input class="${properties.kcButtonClass!} ${properties.kcButtonPrimaryClass!} ${properties.kcButtonBlockClass!} ${properties.kcButtonLargeClass!}" type="submit" id="enterprise-connect-continue" value="${msg("enterpriseConnectInvitationContinue")}">
      </div>
    </form>
  </#if>
</@layout.registrationLayout>
