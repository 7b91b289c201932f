<#import "template.ftl" as layout>
<#import "enterprise-connect-parts.ftl" as parts>
<@layout.registrationLayout displayMessage=false; section>
  <#if section = "header">
    ${msg(confirming?then("enterpriseConnectDisconnectTitle", "enterpriseConnectAccountTitle"))}
  <#elseif section = "form">
    <div id="enterprise-connect-account" data-state="${state}"<#if why??> data-why="${why}"</#if>>
    <#if confirming>
      <p>${msg("enterpriseConnectDisconnectText", application)}</p>
      <@parts.actions>
        <@parts.button "confirm" "enterpriseConnectDisconnect" true/>
        <@parts.button "keep" "enterpriseConnectKeep"/>
      </@parts.actions>
    <#else>
      <p role="status"><strong>${msg("enterpriseConnectAccountState." + state)}</strong><#if why??> ${msg("enterpriseConnectAccountWhy." + why)}</#if></p>
      <dl class="pf-v5-c-description-list pf-v5-u-mt-md">
        <#if mailbox??><@parts.term "enterpriseConnectMailbox">${mailbox}</@parts.term></#if>
        <#if organization??><@parts.term (state == "NOT_CONNECTED")?then("enterpriseConnectOrganization", "enterpriseConnectConnectedBy")>${organization}</@parts.term></#if>
        <#if since?? && (state == "CONNECTED" || state == "PAUSED")>
          <@parts.term "enterpriseConnectConnectedSince"><@parts.time since/></@parts.term>
        </#if>
      </dl>
      <#if uses?has_content>
        <h2 class="pf-v5-c-title pf-m-lg pf-v5-u-mt-md pf-v5-u-mb-sm">${msg("enterpriseConnectUses")}</h2>
        <dl class="pf-v5-c-description-list pf-m-horizontal">
          <#list uses as use>
            <div class="pf-v5-c-description-list__group">
              <dt class="pf-v5-c-description-list__term"><span class="pf-v5-c-description-list__text">${advancedMsg(use.name)}</span></dt>
              <dd class="pf-v5-c-description-list__description"><div class="pf-v5-c-description-list__text"><@parts.time use.at/></div></dd>
            </div>
          </#list>
        </dl>
      </#if>
      <@parts.actions>
        <#if mayConnect><@parts.button "connect" optedOut?then("enterpriseConnectConnectAgain", "enterpriseConnectConnect") true/></#if>
        <@parts.button name="done" label="enterpriseConnectDone" primary=(!mayConnect)/>
        <#if mayDisconnect><@parts.button "disconnect" "enterpriseConnectDisconnect"/></#if>
        <#if !changed && (mayConnect || mayDisconnect)><@parts.button "cancel-aia" "enterpriseConnectCancel"/></#if>
      </@parts.actions>
    </#if>
    </div>
  </#if>
</@layout.registrationLayout>
